variable "team" {
  type    = string
  default = "shop"
}

variable "environment" {
  type    = string
  default = "staging"

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "The environment is staging or production."
  }
}

variable "zones" {
  type    = list(string)
  default = ["a", "b"]
}
