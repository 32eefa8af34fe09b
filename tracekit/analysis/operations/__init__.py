"""Which operations a model has, which engine each is planned for and ran on, and why."""
