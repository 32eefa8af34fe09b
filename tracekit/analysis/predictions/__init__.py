"""What says where each prediction begins and ends, and what was measured of it: everything on one clock."""
