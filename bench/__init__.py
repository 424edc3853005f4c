"""Measurements against the published targets: `python -m bench [names]`.

Each module but the tools (`machine`, `product`, `prepare`, `load`, `consoles`, `browser`,
`table`) and `naive`, the server to compare with, is one bench with a `run()`. Every bench
serves a product of its own on loopback, in a temporary folder, and ends what it started.
"""
