"""The query language of GetSegments: types, and a parser for each part. No SQL, no HTTP."""
