resource "terraform_data" "x" {
  input = "a"
  triggers_replace = 1
  lifecycle {
    prevent_destroy = true
  }
}
