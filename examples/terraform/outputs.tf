output "endpoints" {
  value = { for zone, service in module.service : zone => service.endpoint }
}
