"""Which frames are a prediction, and which engine a sample belongs to."""
