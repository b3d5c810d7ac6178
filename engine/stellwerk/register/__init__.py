"""The register: reading case files at the door, and drawing a synthetic register from published figures.

The public names, each in its module so that reading does not load what drawing needs:
`read.read_register`, `read.RegisterReading`, `mapping.load_mapping`, `write.write_reading`, `write.write_register`,
`privacy.load_direct_identifiers`, `synthetic.synthesize`, `histories.draw_histories`, `faults.with_faults`.
"""
