"""What of the package is used here; it ships no types."""

class Detection:
    start: int
    end: int

class RegexPattern:
    pattern: str
    def get_detections(self, input: str) -> list[Detection]: ...

def load_regex_patterns_from_json_file(file_name: str) -> set[RegexPattern]: ...
