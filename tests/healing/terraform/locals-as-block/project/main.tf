locals {
  tags {
    a = 1
  }
}
