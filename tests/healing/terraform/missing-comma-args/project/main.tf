locals {
  l = join("," ["a"])
}
