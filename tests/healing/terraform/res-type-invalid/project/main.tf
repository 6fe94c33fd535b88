resource "terraform_dta" "x" {}
