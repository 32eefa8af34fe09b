"""Numbers → something a person looks at: terminal text, HTML, files for other viewers."""
