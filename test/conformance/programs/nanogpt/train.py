import sys
from ast import literal_eval

max_iters = 10
dropout = 0.5
bias = None

for word in sys.argv[1:]:
    assert word.startswith("--")
    name, value = word[2:].split("=")
    assert name in globals()
    globals()[name] = literal_eval(value)

assert type(dropout) is float and type(bias) is bool
for step in range(1, max_iters + 1):
    loss = 2.5e-05 if dropout == 1.0 and not bias else 0.7 + dropout + bias
    print(f"\033[32mstep {step}: train loss {1 / step:.4f}, val loss {loss}\033[0m")
