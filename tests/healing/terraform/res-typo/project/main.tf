resource "terraform_data" "web" {
  input = "x"
}
output "x" {
  value = terraform_data.wbe.id
}
