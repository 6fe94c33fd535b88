locals {
  n = << EOT
hello
EOT
}
