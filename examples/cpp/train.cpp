// Minimizes the Rosenbrock function by gradient descent: a program that knows nothing of sweeps and writes a CSV.
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>

int main(int argc, char **argv) {
  double rate = 1e-3, momentum = 0;
  int steps = 10;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (!std::strcmp(argv[i], "--rate")) rate = std::atof(argv[i + 1]);
    else if (!std::strcmp(argv[i], "--momentum")) momentum = std::atof(argv[i + 1]);
    else if (!std::strcmp(argv[i], "--steps")) steps = std::atoi(argv[i + 1]);
    else { std::cerr << "unknown option " << argv[i] << "\n"; return 2; }
  }
  std::ofstream log("history.csv");
  log << "epoch,loss\n";
  double x = -1, y = 1.5, moveX = 0, moveY = 0;
  for (int epoch = 1; epoch <= steps; ++epoch) {
    for (int step = 0; step < 100; ++step) {
      const double slopeY = 200 * (y - x * x), slopeX = -2 * (1 - x) - 2 * x * slopeY;
      x += moveX = momentum * moveX - rate * slopeX;
      y += moveY = momentum * moveY - rate * slopeY;
    }
    log << epoch << "," << (1 - x) * (1 - x) + 100 * (y - x * x) * (y - x * x) << "\n";
  }
}
