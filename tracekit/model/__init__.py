"""What a trace is: tables of integers, no file format, no Core ML, no plot."""
