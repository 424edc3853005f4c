"""The pages and commands of the control room, one module per screen."""
