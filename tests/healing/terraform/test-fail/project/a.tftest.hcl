run "x" {
  command = plan
  assert {
    condition = var.region == "us"
    error_message = "wrong region"
  }
}
