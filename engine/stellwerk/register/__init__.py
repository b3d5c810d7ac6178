"""The register: reading case files at the door, and drawing a synthetic register from published figures.

The public names, each in its module so that reading does not load what drawing needs:
`read.read_register`, `read.write_reading`, `read.RegisterReading`, `read.ReadingReport`,
`privacy.load_direct_identifiers`, `synthetic.synthesize`, `synthetic.synthetic_summary`.
"""
