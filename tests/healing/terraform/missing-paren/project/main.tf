locals {
  l = upper("x"
}
