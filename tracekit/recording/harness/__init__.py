"""The 100-iteration harness: its source, how it is built, and the model it runs where none is named."""
