import os

assert os.environ["DROPOUT"] == "0.0"
with open("training.csv", "w") as log:
    print("epoch,accuracy,loss,val_accuracy,val_loss", file=log)
    for epoch in range(int(os.environ["EPOCHS"])):
        print(f"{epoch},0.5,1.5,{int(os.environ['UNITS']) / 100 - epoch / 1000},1.25", file=log)
