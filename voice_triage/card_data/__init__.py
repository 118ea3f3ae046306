"""Spoken and typed payment card data: found, judged, and replaced before anything is written."""
