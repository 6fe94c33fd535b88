resource "terraform_data" "web" {
  input = "x"
}
