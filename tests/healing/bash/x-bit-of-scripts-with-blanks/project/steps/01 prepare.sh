#!/bin/bash
echo p
