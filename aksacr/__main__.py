"""`python -m aksacr`: the same as the program `aksacr`."""

from aksacr.cli import main

if __name__ == "__main__":
    main()
