"""A round's outcome in the standards that commissioners use. Pure: the standard library, openpyxl and defusedxml."""
