#!/bin/sh
# What `coverage.sh` puts before the compiler, for the project's own crates only.
exec "$@" -C instrument-coverage
