terraform {
  backend "local" {
    paht = "state/terraform.tfstate"
  }
}
resource "terraform_data" "web" {
  input = "x"
}
