resource "terraform_data" "a" {
  input = "y"
  lifecycle {
    create_before_destroy = true
}

variable "x" {
  default = 1
}
