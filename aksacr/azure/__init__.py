"""Collection: the only folder that asks Azure. One module a provider; `collect` puts their reads in order."""
