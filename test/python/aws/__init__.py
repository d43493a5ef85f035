"""AWS as far as a sweep needs it, on this machine: moto, with what it lacks put in front of it."""

ACCOUNT = "123456789012"
REGION = "us-east-1"
