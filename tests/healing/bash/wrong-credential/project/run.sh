#!/bin/bash
echo x >> .count
echo "curl: (22) The requested URL returned error: 401" >&2
exit 22
