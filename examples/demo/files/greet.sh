#!/bin/sh
# Greets whoever is named, or everybody.
name="${1:-everybody}"
echo "Hello, nmae!"
