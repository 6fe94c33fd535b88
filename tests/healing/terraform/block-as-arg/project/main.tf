resource "terraform_data" "web" {
  input = "x"
  lifecycle = {
    create_before_destroy = true
  }
}
