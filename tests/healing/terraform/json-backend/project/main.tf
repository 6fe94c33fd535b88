terraform {
  backend "local" {
    path = "state/terraform.tfstate"
  }
}
resource "terraform_data" "web" {
  input = "x"
}
