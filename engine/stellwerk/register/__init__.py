"""The register: reading case files at the door, and drawing a synthetic register from published figures."""
