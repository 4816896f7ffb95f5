"""What reaches the app, from whom, how much of it, and with which headers it is answered."""
