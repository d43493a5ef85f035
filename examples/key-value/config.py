steps = 200
noise = 0.1
