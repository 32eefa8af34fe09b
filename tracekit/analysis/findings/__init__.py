"""What is worth acting on: codes with a page each, and what each rests on."""
