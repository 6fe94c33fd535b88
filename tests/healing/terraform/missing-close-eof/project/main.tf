resource "terraform_data" "web" {
  input = "x"
}
resource "terraform_data" "b" {
  input = "y"
