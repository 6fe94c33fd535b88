resource "terraform_data" "web" {
  input = "x"
}
}
variable "region" {
  type    = string
  default = "eu-west-1"
}
