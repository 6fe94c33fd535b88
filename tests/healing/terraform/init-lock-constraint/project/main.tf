terraform {
  required_providers {
    null = {
      source  = "hashicorp/null"
      version = "~> 3.3"
    }
  }
}

resource "null_resource" "x" {}
