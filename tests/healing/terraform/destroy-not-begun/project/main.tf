variable "name" {
  default = "x"
}
resource "terraform_data" "first" {
  input = var.nmae
}
