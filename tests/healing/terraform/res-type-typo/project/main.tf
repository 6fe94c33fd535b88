resource "terraform_data" "web" {
  input = "x"
}
output "x" {
  value = terraform_dta.web.id
}
