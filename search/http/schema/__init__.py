"""The JSON of the search service: these classes are its documentation in /openapi.json."""
