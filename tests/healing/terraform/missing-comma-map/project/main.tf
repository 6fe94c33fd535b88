locals {
  l = { a = 1 b = 2 }
}
